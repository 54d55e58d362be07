"""A Docker daemon of one's own, unpacked from Debian's packages: it pulls no image and leaves the machine's own alone.

The packages go into a private folder, the daemon gets a data folder and a socket of its own, and the base image is made with
debootstrap. The machine's packet filter is put back as it was. Only root can do this; only Linux.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.resilience import debian_root
from tests.resilience.stack import until

HOME = debian_root.CACHE / "docker"
ENGINE = ("docker.io", "docker-cli", "containerd", "docker-compose", "docker-buildx")
# What touches the kernel or links to much else must be this machine's own.
OWN = (
    "runc",
    "tini",
    "iptables",
    "libip4tc2",
    "libip6tc2",
    "libxtables12",
    "libmnl0",
    "libnfnetlink0",
    "libnetfilter-conntrack3",
)
NETWORK = (
    "--bip",
    "172.31.250.1/24",
    "--default-address-pool",
    "base=172.31.251.0/24,size=28",
    "--mtu",
    "1400",
)
BASE = "debian:bookworm-slim"
APT = """Dir::State::Lists "{0}/lists";
Dir::Cache "{0}/cache";
Dir::Etc::sourcelist "{0}/sources.list";
Dir::Etc::sourceparts "-";
Acquire::Languages "none";
APT::Sandbox::User "root";
"""


def link(place: Path, target: Path) -> None:
    place.unlink(missing_ok=True)
    place.symlink_to(target)


def unpacked() -> Path:
    """The folder with everything a daemon needs; made once."""
    root = HOME / "root"
    if (HOME / "ready").exists():
        return root
    apt, packages = HOME / "apt", HOME / "packages"
    for folder in (apt / "lists/partial", apt / "cache/archives/partial", packages):
        folder.mkdir(parents=True, exist_ok=True)
    signed = "[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]"
    (apt / "sources.list").write_text(f"deb {signed} {debian_root.mirror()} trixie main\n")
    (apt / "apt.conf").write_text(APT.format(apt))
    config = {"APT_CONFIG": str(apt / "apt.conf")}
    debian_root.checked("apt-get", "update", **config)
    debian_root.checked("env", "-C", packages, "apt-get", "download", *ENGINE, **config)
    debian_root.checked("env", "-C", packages, "apt-get", "download", *OWN)
    for package in packages.glob("*.deb"):
        debian_root.checked("dpkg", "-x", package, root)
    tools = HOME / "bin"
    tools.mkdir(exist_ok=True)
    for tool in [*(root / "usr/bin").iterdir(), *(root / "usr/sbin").iterdir()]:
        link(tools / tool.name, tool)
    link(tools / "docker-init", root / "usr/bin/tini-static")
    for name in ("iptables", "ip6tables", "iptables-save", "iptables-restore"):
        link(tools / name, root / "usr/sbin/xtables-legacy-multi")
    plugins = HOME / "config/cli-plugins"
    plugins.mkdir(parents=True, exist_ok=True)
    for plugin in (root / "usr/libexec/docker/cli-plugins").iterdir():
        link(plugins / plugin.name, plugin)
    (HOME / "ready").touch()
    return root


@dataclass
class Docker:
    """`run` is the docker command, `ok` the same with its answer; both speak to this daemon alone."""

    environment: dict[str, str]

    def run(
        self, *arguments: str, cwd: Path | None = None, stdin: str = ""
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["docker", *arguments],
            cwd=cwd,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )

    def ok(self, *arguments: str, cwd: Path | None = None, stdin: str = "") -> str:
        done = self.run(*arguments, cwd=cwd, stdin=stdin)
        assert done.returncode == 0, (
            f"docker {' '.join(arguments[:4])}: {done.stdout[-1500:]}{done.stderr[-3000:]}"
        )
        return done.stdout

    def base_image(self) -> None:
        """The small Debian that every target of the Dockerfile starts from, trusting what this machine trusts."""
        with tempfile.TemporaryDirectory(dir=debian_root.CACHE) as folder:
            root = Path(folder) / "root"
            debian_root.checked("cp", "-a", "--reflink=auto", debian_root.base("bookworm", ""), root)
            shutil.copy(debian_root.TRUST, root / "etc/trust.crt")
            (root / "etc/pip.conf").write_text("[global]\ncert = /etc/trust.crt\n")
            (root / "etc/npmrc").write_text("cafile=/etc/trust.crt\n")
            archive = Path(folder) / "root.tar"
            debian_root.checked("tar", "-C", root, "-cf", archive, ".")
            self.ok("import", str(archive), BASE)


@contextmanager
def daemon() -> Iterator[Docker]:
    root = unpacked()
    libraries = root / "usr/lib" / f"{os.uname().machine}-linux-gnu"
    room = Path(tempfile.mkdtemp(prefix="daemon.", dir=debian_root.CACHE))
    environment = os.environ | {
        "PATH": f"{HOME / 'bin'}:{os.environ['PATH']}",
        "DOCKER_HOST": f"unix://{room}/docker.sock",
        "DOCKER_CONFIG": str(HOME / "config"),
    }
    inside = environment | {"LD_LIBRARY_PATH": str(libraries), "XTABLES_LIBDIR": str(libraries / "xtables")}
    filters = subprocess.run(["iptables-save"], env=inside, capture_output=True, text=True, check=True).stdout
    bridged = Path("/sys/class/net/docker0").exists()
    folders = ("--data-root", f"{room}/data", "--exec-root", f"{room}/exec", "--pidfile", f"{room}/pid")
    with (room / "log").open("w") as log:
        process = subprocess.Popen(
            ["dockerd", *folders, *NETWORK, "--host", f"unix://{room}/docker.sock"],
            env=inside,
            stdout=log,
            stderr=log,
        )
    docker = Docker(environment)
    try:
        until(
            lambda: docker.run("version").returncode == 0 or process.poll() is not None, "the daemon answers"
        )
        assert process.poll() is None, (room / "log").read_text()[-3000:]
        yield docker
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(120)
        subprocess.run(["iptables-restore"], env=inside, input=filters, text=True, check=True)
        if not bridged:
            subprocess.run(["ip", "link", "delete", "docker0"], check=False, capture_output=True)
        debian_root.no_leftover_mounts(room)
        shutil.rmtree(room)
