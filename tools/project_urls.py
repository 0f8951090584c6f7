"""The addresses of the project in what is published: those of the repository whose workflow builds it.

The source names no address, since a copy of the repository would name the wrong one. Where GitHub's workflow builds a
release, its variables tell the repository; what is built elsewhere names none.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class ProjectUrls(MetadataHookInterface):
    """Fills ``project.urls``, which pyproject.toml calls dynamic."""

    def update(self, metadata: dict[str, Any]) -> None:
        metadata["urls"] = project_urls(os.environ)


def project_urls(environ: Mapping[str, str]) -> dict[str, str]:
    """Label and address of each page; none where the variables of a workflow of GitHub's are not there.

    A version's own pages are named by its tag, so that they tell of that version.
    """
    server, repository = environ.get("GITHUB_SERVER_URL", ""), environ.get("GITHUB_REPOSITORY", "")
    if not server or not repository:
        return {}
    home, at = f"{server}/{repository}", environ.get("GITHUB_REF_NAME", "HEAD")
    return {
        "Homepage": home,
        "Documentation": f"{home}/tree/{at}/docs",
        "Source": home,
        "Issues": f"{home}/issues",
        "Changelog": f"{home}/blob/{at}/CHANGELOG.md",
        "Security": f"{home}/security/policy",
    }
