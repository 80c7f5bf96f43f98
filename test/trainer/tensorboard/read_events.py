"""Prints the scalars of a folder as TensorBoard's own reader has them: {tag: [[step, value], ...]}."""
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

events = EventAccumulator(sys.argv[1], purge_orphaned_data=True)
events.Reload()
print(json.dumps({tag: [[p.step, p.value] for p in events.Scalars(tag)] for tag in sorted(events.Tags()["scalars"])}))
