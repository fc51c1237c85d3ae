# SPDX-License-Identifier: Apache-2.0
"""axe-core: one file of one version from the npm registry, known by its sha512."""
import base64
import hashlib
import pathlib
import subprocess
import sys
import tarfile
import tempfile

VERSION = "4.14.1"
SHA512 = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def digest_of(file):
    return base64.b64encode(hashlib.sha512(file.read_bytes()).digest()).decode()


def axe_source(cache):
    """The text of axe.min.js. None where npm or the registry cannot be reached."""
    package = pathlib.Path(cache) / f"axe-core-{VERSION}.tgz"
    if not package.exists():
        with tempfile.TemporaryDirectory() as folder:
            try:
                subprocess.run(["npm", "pack", "--silent", f"axe-core@{VERSION}"], cwd=folder,
                               check=True, capture_output=True, timeout=120)
            except (OSError, subprocess.SubprocessError):
                return None
            package.parent.mkdir(parents=True, exist_ok=True)
            package.write_bytes((pathlib.Path(folder) / package.name).read_bytes())
    if digest_of(package) != SHA512:
        package.unlink()
        sys.exit(f"{package.name} is not the package that was pinned: its sha512 differs")
    with tarfile.open(package) as archive:
        return archive.extractfile("package/axe.min.js").read().decode()


def violations(driver):
    """One line for each violation that axe finds on the page that is shown."""
    found = driver.execute_async_script(
        "const done = arguments[arguments.length - 1];"
        "axe.run(document, {runOnly: arguments[0], resultTypes: ['violations']})"
        ".then((result) => done(result.violations), (error) => done(String(error)));", TAGS)
    if isinstance(found, str):
        return [found]
    return [f"{one['id']}: {one['help']}: {node['html'][:200]}"
            for one in found for node in one["nodes"][:5]]
