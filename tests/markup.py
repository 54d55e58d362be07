"""Pages without what stands around their words: headings and roles of `outreach.tables`, elements that isolate a name."""

import re


def bare(page: str) -> str:
    return re.sub(
        r'( data-label="[^"]*")?( role="(table|row|rowgroup|cell|columnheader|rowheader)")|</?bdi>', "", page
    )
