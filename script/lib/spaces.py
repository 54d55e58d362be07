"""French typography of the catalogue: no line breaks before ? ! : ; or inside « ».

    script/lib/spaces.py           lists the translations that have an ordinary space there, and fails when there is one
    script/lib/spaces.py --mend    writes the no-break ones: narrow before ; ! ? and full before : and inside « »

The sentences of the code keep the ordinary space of the keyboard: they are keys, locale/fr is what people read.
"""

import re
import sys
from pathlib import Path

CATALOGUE = Path(__file__).resolve().parents[2] / "locale" / "fr" / "LC_MESSAGES" / "django.po"
NARROW, FULL = "\u202f", "\u00a0"


def mended(line: str) -> str:
    line = re.sub(" ([;!?])", rf"{NARROW}\1", line)
    line = re.sub(" ([:»])", rf"{FULL}\1", line)
    return line.replace("« ", f"«{FULL}")


def read(text: str) -> list[tuple[str, str]]:
    """Each line of the catalogue with what it should be; only translations change."""
    pairs, said = [], False
    for line in text.split("\n"):
        said = line.startswith("msgstr") or (said and line.startswith('"'))
        pairs.append((line, mended(line) if said else line))
    return pairs


def main() -> int:
    pairs = read(CATALOGUE.read_text(encoding="utf-8"))
    wrong = [(number, line) for number, (line, right) in enumerate(pairs, 1) if line != right]
    if "--mend" in sys.argv:
        CATALOGUE.write_text("\n".join(right for _line, right in pairs), encoding="utf-8")
        return 0
    for number, line in wrong:
        sys.stdout.write(f"{CATALOGUE.name}:{number}: {line}\n")
    if wrong:
        sys.stdout.write("run script/lib/spaces.py --mend\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
