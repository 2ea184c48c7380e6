"""Reads a trace of `vitsim run --trace` with Perfetto's own protocol buffers and checks it.

python check_perfetto.py TRACE [REPORT.json] (needs perfetto and protobuf from PyPI). Slices must nest and carry known names; with the
report of the same run (`--format json`), the phases of each unit must add up to its stack.
"""

import collections
import json
import sys

from perfetto.protos.perfetto.trace.perfetto_trace_pb2 import Trace, TrackEvent


def main(path, report=None):
    trace = Trace()
    with open(path, "rb") as file:
        trace.ParseFromString(file.read())
    tracks, events, notes = {}, {}, {}
    open_slices = collections.defaultdict(list)
    parts = collections.defaultdict(collections.Counter)
    slices = samples = 0
    for packet in trace.packet:
        assert packet.trusted_packet_sequence_id == 1
        events.update((entry.iid, entry.name) for entry in packet.interned_data.event_names)
        notes.update((entry.iid, entry.name) for entry in packet.interned_data.debug_annotation_names)
        if packet.HasField("track_descriptor"):
            track = packet.track_descriptor
            assert track.parent_uuid == 0 or track.parent_uuid in tracks
            tracks[track.uuid] = track
            continue
        event = packet.track_event
        assert event.track_uuid in tracks
        if event.type == TrackEvent.TYPE_COUNTER:
            assert tracks[event.track_uuid].HasField("counter")
            assert event.WhichOneof("counter_value_field")
            samples += 1
            continue
        stack = open_slices[event.track_uuid]
        if event.type == TrackEvent.TYPE_SLICE_BEGIN:
            assert not stack or stack[-1][1] <= packet.timestamp
            values = {notes[note.name_iid]: note.int_value for note in event.debug_annotations}
            stack.append((events[event.name_iid], packet.timestamp, values))
            continue
        assert event.type == TrackEvent.TYPE_SLICE_END
        name, start, values = stack.pop()
        assert start <= packet.timestamp
        slices += 1
        if len(stack) == 2:
            cycles = values.pop("cycles")
            assert values.get("whole", sum(values.values()) or cycles) >= cycles
            values.pop("whole", None)
            parts[tracks[event.track_uuid].name].update(values or {name: cycles})
    assert not any(open_slices.values())
    if report:
        with open(report) as file:
            for unit in json.load(file)["units"]:
                stack = {part: cycles for part, cycles in unit["stack"].items() if cycles and part != "idle"}
                assert stack == dict(parts[unit["name"]]), unit["name"]
    print(f"{len(tracks)} tracks, {slices} slices, {samples} samples: as they should be")


main(*sys.argv[1:])
