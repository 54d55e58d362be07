"""French typography of the catalogue and the guides: no line breaks before ? ! : ; or inside « ».

    script/lib/spaces.py           lists the lines that have an ordinary space there, and fails when there is one
    script/lib/spaces.py --mend    writes the no-break ones: narrow before ; ! ? and full before : and inside « »

The sentences of the code keep the ordinary space of the keyboard: they are keys, locale/fr is what people read.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "locale" / "fr" / "LC_MESSAGES" / "django.po"
GUIDES = sorted((ROOT / "docs" / "users" / "fr").glob("*.md"))
NARROW, FULL = "\u202f", "\u00a0"


def mended(line: str) -> str:
    line = re.sub(" ([;!?])", rf"{NARROW}\1", line)
    line = re.sub(" ([:»])", rf"{FULL}\1", line)
    return line.replace("« ", f"«{FULL}")


def read_catalogue(text: str) -> list[tuple[str, str]]:
    """Each line of the catalogue with what it should be; only translations change."""
    pairs, said = [], False
    for line in text.split("\n"):
        said = line.startswith("msgstr") or (said and line.startswith('"'))
        pairs.append((line, mended(line) if said else line))
    return pairs


def read_guide(text: str) -> list[tuple[str, str]]:
    """Each line of a guide with what it should be; what is typed or printed stays as it is."""
    pairs, block = [], False
    for line in text.split("\n"):
        fence = line.lstrip().startswith("```")
        block ^= fence
        parts = line.split("`")
        parts[::2] = map(mended, parts[::2])
        pairs.append((line, line if block or fence else "`".join(parts)))
    return pairs


def main() -> int:
    found = False
    for path in (CATALOGUE, *GUIDES):
        read = read_catalogue if path == CATALOGUE else read_guide
        pairs = read(path.read_text(encoding="utf-8"))
        if "--mend" in sys.argv:
            path.write_text("\n".join(right for _line, right in pairs), encoding="utf-8")
            continue
        for number, (line, right) in enumerate(pairs, 1):
            if line != right:
                found = True
                sys.stdout.write(f"{path.name}:{number}: {line}\n")
    if found:
        sys.stdout.write("run script/lib/spaces.py --mend\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
