"""No page takes a file: one that is sent is refused, none is kept."""

from typing import Any, Never

from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import FileUploadHandler


class Refusing(FileUploadHandler):
    def new_file(self, *_args: Any, **_kwargs: Any) -> Never:
        raise SuspiciousOperation("no page takes a file")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> Never:
        raise SuspiciousOperation("no page takes a file")

    def file_complete(self, file_size: int) -> None:
        return None
