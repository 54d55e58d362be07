from tests.outreach.field.conftest import walking  # noqa: F401
