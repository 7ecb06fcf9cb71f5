"""All targets of the fuzzers as one list. A new parser of what others send gets a target, and stands here."""

from tests.fuzz import avro, callbacks, http, json_lines, yaml_files
from tests.fuzz.targets import Target

TARGETS: tuple[Target, ...] = (
    *avro.TARGETS, *json_lines.TARGETS, *http.TARGETS, *callbacks.TARGETS, *yaml_files.TARGETS,
)  # fmt: skip
