"""Maps what lies beside the package in a checkout into the wheel: templates/ as casedesk/_templates and so on.

Everything else about the build stands in pyproject.toml.
"""

import shutil
import subprocess
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
BESIDE = ("templates", "static", "migrations")


class BuildWithPages(build_py):
    """Copies the package, then the pages, styles and migrations that it serves."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        self._build_front_end()
        for name in BESIDE:
            target = Path(self.build_lib) / "casedesk" / f"_{name}"
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns("__pycache__", "*.mjs"))

    def _build_front_end(self) -> None:
        """Styles and scripts are built with Node; without it the desk works and looks plain, as `doctor` says."""
        if (ROOT / "static/vendor/desk.css").exists():
            return
        if shutil.which("npm") is None:
            self.warn("npm is not there: the pages are built without their styles")
            return
        for command in (["npm", "ci"], ["npm", "run", "build"]):
            subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603 - our own two commands


setup(cmdclass={"build_py": BuildWithPages})
