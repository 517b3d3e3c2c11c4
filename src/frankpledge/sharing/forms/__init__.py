"""What people type and send in the sharing room: one file a subject."""
