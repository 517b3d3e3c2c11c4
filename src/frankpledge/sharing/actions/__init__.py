"""What people do in the sharing room."""
