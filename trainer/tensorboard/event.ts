import protobuf from 'protobufjs'
import { maskedCrc32c } from './crc32c.ts'

/** The part of TensorFlow's event.proto and summary.proto that scalars need; numbers of fields as there. */
const { root } = protobuf.parse(
  `syntax = "proto3";
   package tensorflow;
   message Event {
     double wall_time = 1;
     int64 step = 2;
     oneof what {
       string file_version = 3;
       Summary summary = 5;
       SessionLog session_log = 7;
     }
   }
   message SessionLog {
     enum SessionStatus { STATUS_UNSPECIFIED = 0; START = 1; }
     SessionStatus status = 1;
   }
   message Summary {
     message Value { string tag = 1; float simple_value = 2; }
     repeated Value value = 1;
   }`,
  { keepCase: true },
)
const Event = root.lookupType('tensorflow.Event')
/** `SessionLog.START`: whatever stands at this step or later was written by a run that was broken off. */
const START = 1

export type EventContent =
  | { fileVersion: string }
  | { scalars: Readonly<Record<string, number>> }
  | { start: true }

/** An event's bytes as TensorFlow writes them. @param at seconds since 1970; @param step the epoch. */
export function encodeEvent(at: number, step: number, content: EventContent): Uint8Array {
  const what =
    'fileVersion' in content
      ? { file_version: content.fileVersion }
      : 'start' in content
        ? { session_log: { status: START } }
        : {
            summary: {
              value: Object.entries(content.scalars).map(([tag, value]) => ({ tag, simple_value: value })),
            },
          }
  return Event.encode(Event.create({ wall_time: at, step, ...what })).finish()
}

/** A record of a TFRecord file: length, its checksum, the data, theirs; little endian (tensorflow.org, "TFRecord"). */
export function record(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(16 + data.length)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, BigInt(data.length), true)
  view.setUint32(8, maskedCrc32c(bytes.subarray(0, 8)), true)
  bytes.set(data, 12)
  view.setUint32(12 + data.length, maskedCrc32c(data), true)
  return bytes
}
