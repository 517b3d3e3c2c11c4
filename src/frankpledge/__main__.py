"""The command line: `python -m frankpledge COMMAND …`, which `./run COMMAND …` calls."""

import os
import sys

from frankpledge.config.environment import WrongSetting, read


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "frankpledge.config.settings")
    try:
        read(os.environ)
        if sys.argv[1:] == ["serve"]:
            from frankpledge.config.serve import serve

            return serve()
    except WrongSetting as error:
        sys.stderr.write(f"{error}\n")
        return 2
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(["./run", *sys.argv[1:]])
    except Exception as error:
        from frankpledge.sharing.store import StoreUnwritable  # loaded by what raised it

        if not isinstance(error, StoreUnwritable):
            raise
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
