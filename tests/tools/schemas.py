"""Holds every shipped file against its shipped schema, as editors do: python3 schemas.py ROOT.

ROOT holds scenarios/ and fault_models/. Needs jsonschema and PyYAML; ends with 77 where they are not installed.
"""

import json
import sys
from pathlib import Path

try:
    import yaml
    from jsonschema.validators import validator_for
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)


class Loader(yaml.SafeLoader):
    """YAML 1.2: `on` and `off` are words."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool" or first in "tTfF"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def validator(path):
    schema = json.loads(path.read_text())
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


def sample(root):
    """The schema is no empty one: what the files could say wrongly it refuses."""
    scenario = root / "scenarios" / "quickstart.yaml"
    content = yaml.load(scenario.read_text(), Loader)
    check = validator(root / "scenarios" / "scenario.schema.json")
    for wrong in [{"agent": 4}, {"seed": 2**53}, {"faults": [{"model": 7}]}, {"expect": {"unknown": "forbidden"}}]:
        assert not check.is_valid({**content, **wrong}), wrong
    for right in [{"seed": 2**53 - 1}, {"faults": [{"model": "x.yaml"}]}, {"expect": {"unknown": "allowed"}}]:
        assert check.is_valid({**content, **right}), right


def main(root):
    scenario, suite, model = (
        validator(root / path)
        for path in [
            "scenarios/scenario.schema.json",
            "scenarios/suites/suite.schema.json",
            "fault_models/model.schema.json",
        ]
    )
    files = sorted(root.glob("scenarios/**/*.yaml")) + sorted(root.glob("fault_models/**/*.yaml"))
    wrong = []
    for file in files:
        content = yaml.load(file.read_text(), Loader)
        is_model = file.is_relative_to(root / "fault_models")
        check = model if is_model else suite if "series" in content else scenario
        wrong += [f"{file}: {list(error.absolute_path)}: {error.message[:200]}" for error in check.iter_errors(content)]
    if wrong:
        sys.exit("\n".join(wrong))
    sample(root)
    print(f"{len(files)} files keep to their schemas")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
