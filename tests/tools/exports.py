"""Reads what Synod writes for other tools with these tools: python3 exports.py FOLDER.

The folder holds run.prom, run.json (what the same run printed), sweep.prom, events.jsonl, event.schema.json, shiviz.log
and shiviz.regex. Needs prometheus_client and jsonschema; ends with 77 where they are not installed.
"""

import json
import re
import sys
from pathlib import Path

try:
    from jsonschema.validators import validator_for
    from prometheus_client.openmetrics.parser import text_string_to_metric_families
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)


def metrics(folder):
    """prometheus_client reads both texts, and finds in the run's what the run said of itself."""
    families = {family.name: family for family in text_string_to_metric_families((folder / "run.prom").read_text())}
    said = json.loads((folder / "run.json").read_text())["metrics"]
    value = lambda family, **labels: [
        sample.value for sample in families[family].samples if labels.items() <= sample.labels.items()
    ]
    assert value("synod_decisions") == [said["decisions"]]
    assert value("synod_latency_seconds", quantile="0.95") == [said["latency.p95_ns"] / 1e9]
    assert value("synod_sent_bytes") == [said["bytes.sent"]]
    assert families["synod_latency_seconds"].type == "summary"
    assert families["synod_sent_bytes"].unit == "bytes"
    swept = {family.name: family for family in text_string_to_metric_families((folder / "sweep.prom").read_text())}
    latency = swept["synod_sweep_latency_seconds"]
    assert latency.type == "histogram"
    endings = {sample.name.removeprefix(latency.name) for sample in latency.samples}
    assert endings == {"_bucket", "_count", "_sum"}, endings
    try:
        list(text_string_to_metric_families((folder / "run.prom").read_text().replace("# EOF\n", "")))
    except ValueError:
        return f"{len(families)} and {len(swept)} families of metrics"
    raise AssertionError("the parser would take anything")


def events(folder):
    """Every line keeps to the schema; one that says more, or is of no kind, does not."""
    schema = json.loads((folder / "event.schema.json").read_text())
    kind = validator_for(schema)
    kind.check_schema(schema)
    validator = kind(schema)
    lines = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    for line in lines:
        validator.validate(line)
    for line in {line["kind"]: line for line in lines}.values():
        assert not validator.is_valid({**line, "more": 1}), line
        assert not validator.is_valid({**line, "kind": "other"}), line
    return f"{len(lines)} events"


def shiviz(folder):
    """ShiViz's own expression takes the whole log apart; hosts count on by one; who receives knows what was sent."""
    expression = (folder / "shiviz.regex").read_text().strip()
    text = (folder / "shiviz.log").read_text()
    entries = list(re.finditer(expression.replace("(?<", "(?P<"), text))
    assert "\n".join(entry.group(0) for entry in entries) + "\n" == text
    counts, sent = {}, {}
    for entry in entries:
        host, clock, event = entry["host"], json.loads(entry["clock"]), entry["event"]
        counts[host] = counts.get(host, 0) + 1
        assert clock[host] == counts[host], entry
        assert all(count <= counts[other] for other, count in clock.items()), entry
        if message := re.match(r"(sends|receives) \S+ (\d+) ", event):
            if message[1] == "sends":
                sent[message[2]] = clock
            else:
                before = sent[message[2]]
                assert all(clock[other] >= count for other, count in before.items()), entry
                assert clock != before
    return f"{len(entries)} entries of {len(counts)} hosts"


if __name__ == "__main__":
    where = Path(sys.argv[1])
    print(", ".join(check(where) for check in (metrics, events, shiviz)))
