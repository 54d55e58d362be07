"""The compose file on a real daemon: it comes up green, an evening goes through its port, and its containers can do little else.

Rule of the module: whatever must not be there is looked for with a probe that finds it in a container which allows it.
"""

import json
import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.resilience import debian_root, first_evening
from tests.resilience.conftest import Drill
from tests.resilience.docker_daemon import BASE, Docker, daemon
from tests.resilience.http_browser import Visitor
from tests.resilience.needs import ROOT, needs
from tests.resilience.stack import free_port, until

pytestmark = [pytest.mark.long, needs(ROOT, "debootstrap")]
LONELY = ("db", "broker", "web", "worker", "beat", "purge")
ALL = (*LONELY, "gate")
STATUS = 'grep -E "^(CapEff|CapPrm|CapBnd|NoNewPrivs|Seccomp):" /proc/1/status; echo "Uid: $(id -u)"; ls /sys/class/net'
BARE_STATUS = {
    "CapEff": "0" * 16,
    "CapPrm": "0" * 16,
    "CapBnd": "0" * 16,
    "NoNewPrivs": "1",
    "Seccomp": "2",
    "Uid": "10001",
}
REACH = "timeout 15 bash -c 'exec 3<>/dev/tcp/{}/80' && echo reached"
WRITE = "echo planted >/planted && echo written"


def outside() -> str:
    """The host that a container which may go out can reach: the mirror its packages came from."""
    return debian_root.mirror().split("/")[2]


@dataclass
class Stack:
    docker: Docker
    folder: Path
    port: int

    def compose(self, *arguments: str) -> str:
        return self.docker.ok("compose", *arguments, cwd=self.folder)

    def up(self) -> None:
        self.compose("up", "--detach", "--wait")

    def inside(self, service: str, command: str) -> str:
        """What a shell in the running container of `service` prints, whether or not the command succeeds."""
        done = self.docker.run("compose", "exec", "-T", service, "bash", "-c", command, cwd=self.folder)
        return done.stdout

    def manage(self, *command: str) -> str:
        return self.compose("exec", "-T", "worker", "python", "manage.py", *command)

    def health(self) -> dict[str, str]:
        seen = Visitor(self.port, first_evening.HOST).ask("GET", "/healthz")
        return dict(json.loads(seen.text)["parts"]) if seen.status in (200, 503) else {}

    def secrets(self) -> dict[str, str]:
        return {path.name: path.read_text().strip() for path in (self.folder / "secrets").iterdir()}


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """The last commit, built and started as docs/operations/running.md says."""
    archive = subprocess.run(
        ["git", "archive", "HEAD"], cwd=debian_root.ROOT, capture_output=True, check=True
    ).stdout
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="compose.", dir="/tmp") as place, daemon() as docker:
        folder = Path(place)
        subprocess.run(["tar", "-x", "-C", place], input=archive, check=True)
        (folder / ".env").write_text(
            f"MARAUDES_HOSTS={first_evening.HOST}\nMARAUDES_PORT={port}\nMARAUDES_PROXIES=1\n"
        )
        debian_root.checked(folder / "script/container/secrets")
        made = Stack(docker, folder, port)
        docker.base_image()
        made.compose("build", "--quiet")
        try:
            made.up()
            yield made
        finally:
            docker.run("compose", "down", "--volumes", cwd=folder)


def test_compose_file_is_clean(stack: Stack) -> None:
    """The Dockerfile is read by hadolint in script/check."""
    checked = stack.docker.run("compose", "config", "--quiet", cwd=stack.folder)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_it_comes_up_green_and_the_second_clock_purges(stack: Stack, drill: Drill) -> None:
    until(lambda: set(stack.health().values()) == {"ok"}, "a green /healthz through the port")
    until(lambda: "keys destroyed" in stack.compose("logs", "purge"), "the second clock's first purge")
    printed = stack.compose("logs", "--no-log-prefix", "purge")
    assert re.search(r"records +0 rows destroyed", printed), printed
    status = stack.manage("retention_status")
    assert "Nothing is overdue" in status, status
    stack.compose("stop", "broker")
    until(lambda: stack.health()["broker"] != "ok", "the control: a part that is down is told")
    stack.up()
    # The pulses of worker and beat went with the broker's memory; they come back by the minute.
    until(lambda: stack.health().get("broker") == "ok", "a broker that is well again")
    lines = len(re.findall(r"destroyed", printed))
    drill.say(
        f"compose: /healthz green in {len(stack.health())} parts; purge printed {lines} lines; {status.splitlines()[-1]}"
    )


def test_an_evening_goes_through_the_port_and_outlives_its_containers(stack: Stack, drill: Drill) -> None:
    evening = first_evening.evening(stack.port, stack.manage)
    assert evening.squares() == 1
    printed = stack.compose("logs", "--no-log-prefix")
    for told in (first_evening.NOTE, evening.place, "203.0.113", "lanterne.invalid", "/maraude/"):
        assert told not in printed, f"the containers' logs hold {told}"
    assert "web.ready" in printed
    stack.compose("down")
    assert stack.docker.ok("ps", "--all", "--quiet") == ""
    stack.up()
    evening.lead = first_evening.sign_in(stack.port, first_evening.LEAD, "203.0.113.9")
    assert evening.squares() == 1, "the record did not outlive its containers"
    drill.say(
        "compose: one evening through the port by HTTP; after `down` and `up` the team opens its square again"
    )


def test_each_visitor_is_counted_by_the_address_the_proxy_saw(stack: Stack) -> None:
    """The gate carries X-Forwarded-For as it came: guessing is limited by address, not for everybody at once."""
    link = f"https://{first_evening.HOST}/invitation/#{'A' * 43}"
    answers = []
    for _try in range(11):
        guesser = Visitor(stack.port, first_evening.HOST, "198.51.100.7").get("/invitation/")
        answers.append(guesser.submit("token", token=link).status)
    assert answers == [410] * 10 + [429]
    other = Visitor(stack.port, first_evening.HOST, "198.51.100.8").get("/invitation/")
    assert other.submit("token", token=link).status == 410


def status_of(text: str) -> dict[str, str]:
    return dict(re.findall(r"^(\w+):\s+(\S+)$", text, re.MULTILINE))


def test_no_container_has_a_right_or_a_place_to_write(stack: Stack, drill: Drill) -> None:
    loose = stack.docker.ok("run", "--rm", BASE, "bash", "-c", f"{STATUS}; {WRITE}")
    assert status_of(loose)["CapEff"] != "0" * 16 and "written" in loose, (
        "the probe must see what a container may"
    )
    for service in ALL:
        assert status_of(stack.inside(service, STATUS)) == BARE_STATUS, service
        assert "written" not in stack.inside(service, WRITE)
    own = {service: stack.inside(service, "echo x >/tmp/x && echo written") for service in ALL}
    assert set(own.values()) == {"written\n"}, "presence first: each can write where it may"
    drill.say(
        f"compose: {len(ALL)} containers: no capability, no new privilege, seccomp, read-only; a loose one has all of it"
    )


def test_nothing_that_holds_anything_reaches_the_network(stack: Stack, drill: Drill) -> None:
    address = stack.docker.ok("run", "--rm", BASE, "getent", "ahostsv4", outside()).split()[0]
    control = stack.docker.ok("run", "--rm", BASE, "bash", "-c", REACH.format(address))
    assert control == "reached\n"
    for service in LONELY:
        assert stack.inside(service, "ls /sys/class/net").split() == ["lo"]
    for service in ALL:
        assert stack.inside(service, REACH.format(address)) == "", f"{service} reaches the outside"
        assert stack.inside(service, f"getent ahostsv4 {outside()}") == "", f"{service} resolves names"
    gate = json.loads(stack.docker.ok("inspect", stack.compose("ps", "--quiet", "gate").strip()))[0]
    assert [mount["Destination"] for mount in gate["Mounts"]] == ["/run/web"]
    assert {line.split("=")[0] for line in gate["Config"]["Env"]} <= {"MARAUDES_HOSTS", "PATH"}
    assert stack.inside("gate", "ls /run/web").split() == ["web.sock"]
    drill.say(
        f"compose: {len(LONELY)} containers have only the loopback; the gate reaches nobody and holds a socket and no secret"
    )


def found_in(archive: Path, wanted: dict[str, str]) -> set[str]:
    """The names of the secrets whose bytes are anywhere in a saved image."""
    needles = {name: value.encode() for name, value in wanted.items()}
    longest, tail, found = max(map(len, needles.values())), b"", set()
    with archive.open("rb") as stream:
        while chunk := stream.read(1 << 24):
            window = tail + chunk
            found |= {name for name, needle in needles.items() if needle in window}
            tail = window[-longest:]
    return found


def leaks(
    docker: Docker, images: list[str], containers: list[str], wanted: dict[str, str], folder: Path
) -> set[str]:
    """Where the secrets are: in a layer, in the history, in what `inspect` tells of images and containers."""
    found = set()
    for image in images:
        archive = folder / "saved.tar"
        docker.ok("save", "--output", str(archive), image)
        found |= {f"layers: {name}" for name in found_in(archive, wanted)}
        archive.unlink()
        told = docker.ok("history", "--no-trunc", "--format", "{{json .}}", image)
        found |= {f"history: {name}" for name, value in wanted.items() if value in told}
    told = docker.ok("inspect", *images, *containers)
    return found | {f"inspect: {name}" for name, value in wanted.items() if value in told}


def test_no_secret_is_in_an_image_or_a_listing(stack: Stack, drill: Drill, tmp_path: Path) -> None:
    wanted = stack.secrets()
    assert len(wanted) == 7 and min(map(len, wanted.values())) > 40
    images = [f"maraudes-{name}" for name in ("app", "db", "broker", "gate")]
    containers = stack.compose("ps", "--all", "--quiet").split()
    assert leaks(stack.docker, images, containers, wanted, tmp_path) == set()
    for container in containers:
        told = json.loads(stack.docker.ok("inspect", container))[0]["Config"]["Env"]
        assert not [
            line for line in told if re.match(r"\w*(PASSWORD|SECRET)\w*=", line) and "_FILE=" not in line
        ]
    # The control: the same search finds a value in the environment, in a build step, and in a file deleted by a later one.
    value = wanted["db_web"]
    careless = (
        f"FROM maraudes-gate\nUSER 0\nENV PLANTED={value}\nRUN echo {value} >/planted\nRUN rm /planted\n"
    )
    stack.docker.ok("build", "--quiet", "--tag", "careless", "-", stdin=careless)
    assert leaks(stack.docker, ["careless"], [], wanted, tmp_path) == {
        "layers: db_web", "history: db_web", "inspect: db_web"
    }  # fmt: skip
    drill.say(
        f"compose: {len(wanted)} secrets searched in {len(images)} images and {len(containers)} containers: 0; control: 3 of 3"
    )


def test_without_its_volumes_nothing_is_left(stack: Stack, drill: Drill) -> None:
    """The control of what outlives the containers: it was in the volumes and nowhere else."""
    stack.compose("down", "--volumes")
    stack.up()
    gone = first_evening.sign_in(stack.port, first_evening.LEAD, "203.0.113.10")
    assert gone.path.startswith("/compte/login/"), gone.heading()
    drill.say("compose: control: after `down --volumes` nobody is known")
