"""A bare Debian machine without a virtual one: a debootstrap root with process and mount spaces of its own, thrown away after.

The root starts as debootstrap leaves it (plus sudo and the certificates this machine trusts): whatever else the two commands
need, they must install themselves. Only root can make one. A root is made once per release and copied for each machine.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.resilience.stack import until

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(tempfile.gettempdir()) / "maraudes-drills"
RELEASES = {"bookworm": "Debian 12", "trixie": "Debian 13"}
TRUST = "/etc/ssl/certs/ca-certificates.crt"
USER = "steward"
SETTLE = """
mount --make-rprivate /
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
mount -t tmpfs -o mode=1777 shm "$1/dev/shm"
exec sleep infinity
"""


def checked(*command: str | Path, **more: str) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **more},
    )
    assert done.returncode == 0, f"{command[0]}: {done.stdout[-1000:]}{done.stderr[-2000:]}"
    return done.stdout


@cache
def mirror() -> str:
    """Where this machine gets its packages from, or what MARAUDES_DRILL_MIRROR says."""
    if told := os.environ.get("MARAUDES_DRILL_MIRROR"):
        return told
    known = checked("apt-get", "indextargets", "--format", "$(REPO_URI)").split()
    assert known, "apt knows no mirror: set MARAUDES_DRILL_MIRROR"
    return known[0].rstrip("/")


def base(release: str, more: str = "ca-certificates,sudo") -> Path:
    """The root that every machine of `release` starts from, with the packages `more`. It trusts what this machine trusts."""
    made = CACHE / (release if more else f"{release}-slim")
    if not (made / "etc/ready").exists():
        shutil.rmtree(made, ignore_errors=True)
        CACHE.mkdir(exist_ok=True)
        packages = [f"--include={more}"] if more else []
        checked("debootstrap", "--variant=minbase", *packages, release, made, mirror())
        own = made / "usr/local/share/ca-certificates"
        own.mkdir(exist_ok=True)
        for certificate in Path("/usr/local/share/ca-certificates").glob("*.crt"):
            shutil.copy(certificate, own)
        (made / "etc/ready").touch()
    return made


def no_leftover_mounts(root: Path) -> None:
    mounts = Path("/proc/self/mounts").read_text()
    assert f" {root}/" not in mounts, f"something is still mounted under {root}"


@dataclass
class Machine:
    """`run` and `start` act inside it, as root or as a user who may sudo; `offline` runs them where only the loopback exists."""

    release: str
    root: Path
    keeper: "subprocess.Popen[bytes]"
    lonely: "subprocess.Popen[bytes]"
    started: "list[subprocess.Popen[str]]" = field(default_factory=list)

    def _inside(self, user: str, offline: bool, cwd: str) -> list[str]:
        pid = first_child(self.keeper.pid)
        net = [f"--net=/proc/{self.lonely.pid}/ns/net"] if offline else []
        enter = [
            "nsenter",
            *net,
            f"--mount=/proc/{pid}/ns/mnt",
            f"--pid=/proc/{pid}/ns/pid",
            f"--ipc=/proc/{pid}/ns/ipc",
        ]
        home = "/root" if user == "root" else f"/home/{user}"
        settings = [
            f"HOME={home}",
            f"USER={user}",
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG=C.UTF-8",
            f"PIP_CERT={TRUST}",
            f"NODE_EXTRA_CA_CERTS={TRUST}",
        ]
        who = [] if user == "root" else [f"--userspec={user}:{user}", f"--groups={user}"]
        go = 'cd "$1" && shift && exec "$@"'
        return [*enter, "chroot", *who, str(self.root), "env", "-i", *settings, "bash", "-c", go, "bash", cwd]

    def run(
        self, *command: str, user: str = "root", cwd: str = "/", offline: bool = False
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*self._inside(user, offline, cwd), *command],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    def start(
        self, said: Path, *command: str, user: str = "root", cwd: str = "/", offline: bool = False
    ) -> "subprocess.Popen[str]":
        """`command` in the background; what it says goes to `said`."""
        with said.open("w") as output:
            process = subprocess.Popen(
                [*self._inside(user, offline, cwd), *command],
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                text=True,
                start_new_session=True,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )
        self.started.append(process)
        return process

    def clone(self, where: str, user: str = "root") -> str:
        """The last commit, as somebody who follows the README would have it; gives `where`."""
        target = self.root / where.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        checked("git", "clone", "--quiet", "--no-hardlinks", f"file://{ROOT}", target)
        checked("git", "-C", target, "remote", "remove", "origin")
        made = self.run("chown", "-R", f"{user}:{user}", where)
        assert made.returncode == 0, made.stderr
        return where

    def processes(self) -> list[tuple[str, str]]:
        """User and command of everything that runs inside, the keeper aside."""
        listed = self.run("sh", "-c", LIST).stdout.splitlines()
        return [(user, command) for user, _, command in (line.partition(" ") for line in listed) if command]


LIST = r"""for p in /proc/[0-9]*; do
  [ "${p#/proc/}" = 1 ] || [ "${p#/proc/}" = "$$" ] && continue
  printf '%s %s\n' "$(stat -c %U "$p" 2>/dev/null)" "$(tr '\0' ' ' <"$p/cmdline" 2>/dev/null)"
done"""


def first_child(pid: int) -> int:
    """The process that `unshare` forked, waited for: on a busy machine it may come late."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    until(lambda: bool(children.read_text().split()), "the first process of the machine")
    return int(children.read_text().split()[0])


def furnish(root: Path) -> None:
    """What a machine has from its installer: names, trust, a user who may sudo."""
    for name in ("resolv.conf", "hosts"):
        shutil.copy(f"/etc/{name}", root / "etc" / name)
    checked("chroot", root, "update-ca-certificates")
    checked("chroot", root, "useradd", "--create-home", "--shell", "/bin/bash", USER)
    (root / "etc/sudoers.d" / USER).write_text(f"{USER} ALL=(ALL) NOPASSWD:ALL\n")


@contextmanager
def machine(release: str) -> Iterator[Machine]:
    root = Path(tempfile.mkdtemp(prefix=f"machine-{release}.", dir=CACHE if CACHE.exists() else None))
    checked("cp", "-a", "--reflink=auto", f"{base(release)}/.", root)
    root.chmod(0o755)
    furnish(root)
    spaces = ["unshare", "--mount", "--pid", "--ipc", "--fork"]
    # Some versions of unshare complain about their own signal mask when their child is killed: not a finding.
    keeper = subprocess.Popen([*spaces, "sh", "-ec", SETTLE, "sh", str(root)], stderr=subprocess.DEVNULL)
    lonely = subprocess.Popen(["unshare", "--net", "sh", "-c", "ip link set lo up && exec sleep infinity"])
    made = Machine(release, root, keeper, lonely)
    try:
        until(lambda: made.run("test", "-e", "/proc/1/status").returncode == 0, "the machine comes up")
        yield made
    finally:
        lonely.terminate()
        for process in made.started:
            process.terminate()
            process.wait(60)
        with suppress(ProcessLookupError, IndexError, FileNotFoundError):
            os.kill(
                first_child(keeper.pid), signal.SIGKILL
            )  # the first process of its space: all others go with it
        keeper.wait()
        lonely.wait()
        no_leftover_mounts(root)
        shutil.rmtree(root)
