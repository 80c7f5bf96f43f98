import protobuf from 'protobufjs'
import type { Attribute, Graph, Initializer } from './graph.ts'

/** The part of the ONNX standard's onnx.proto3 that networks need; numbers of fields as there. */
const { root } = protobuf.parse(
  `syntax = "proto3";
   package onnx;
   message ModelProto {
     int64 ir_version = 1;
     string producer_name = 2;
     string producer_version = 3;
     string doc_string = 6;
     GraphProto graph = 7;
     repeated OperatorSetIdProto opset_import = 8;
     repeated StringStringEntryProto metadata_props = 14;
   }
   message OperatorSetIdProto { string domain = 1; int64 version = 2; }
   message StringStringEntryProto { string key = 1; string value = 2; }
   message GraphProto {
     repeated NodeProto node = 1;
     string name = 2;
     repeated TensorProto initializer = 5;
     repeated ValueInfoProto input = 11;
     repeated ValueInfoProto output = 12;
   }
   message NodeProto {
     repeated string input = 1;
     repeated string output = 2;
     string name = 3;
     string op_type = 4;
     repeated AttributeProto attribute = 5;
   }
   message AttributeProto {
     string name = 1;
     float f = 2;
     int64 i = 3;
     bytes s = 4;
     repeated float floats = 7;
     repeated int64 ints = 8;
     int32 type = 20;
   }
   message TensorProto {
     repeated int64 dims = 1;
     int32 data_type = 2;
     string name = 8;
     bytes raw_data = 9;
   }
   message ValueInfoProto { string name = 1; TypeProto type = 2; }
   message TypeProto {
     message Tensor { int32 elem_type = 1; TensorShapeProto shape = 2; }
     Tensor tensor_type = 1;
   }
   message TensorShapeProto {
     message Dimension { int64 dim_value = 1; string dim_param = 2; }
     repeated Dimension dim = 1;
   }`,
  { keepCase: true },
)
const Model = root.lookupType('onnx.ModelProto')

/** The operator set the nodes are written for, and the format's version that came with it (ONNX 1.12). */
export const OPSET = 17
const IR_VERSION = 8
/** `TensorProto.DataType` and `AttributeProto.AttributeType`. */
const TYPES = { float: 1, int64: 7 } as const
const ATTRIBUTES = { float: 1, int: 2, string: 3, ints: 7 } as const

export interface ModelDescription {
  producerVersion: string
  about: string
  /** Free text beside the graph (`metadata_props`). */
  metadata: Record<string, string>
}

/** The bytes of an .onnx file; the same graph gives the same bytes. */
export function encodeModel(
  graph: Graph,
  { producerVersion, about, metadata }: ModelDescription,
): Uint8Array {
  const model = {
    ir_version: IR_VERSION,
    producer_name: 'lesionloop',
    producer_version: producerVersion,
    doc_string: about,
    graph: {
      name: graph.name,
      node: graph.nodes.map(({ type, name, inputs, output, attributes }) => ({
        op_type: type,
        name,
        input: inputs,
        output: [output],
        attribute: Object.entries(attributes).map(([key, value]) => ({ name: key, ...attribute(value) })),
      })),
      initializer: graph.initializers.map(initializer),
      input: graph.inputs.map(port),
      output: graph.outputs.map(port),
    },
    opset_import: [{ domain: '', version: OPSET }],
    metadata_props: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  }
  return Model.encode(Model.create(model)).finish()
}

function attribute(value: Attribute) {
  if (typeof value === 'string') return { s: new TextEncoder().encode(value), type: ATTRIBUTES.string }
  if (Array.isArray(value)) return { ints: value, type: ATTRIBUTES.ints }
  return 'int' in value ? { i: value.int, type: ATTRIBUTES.int } : { f: value.float, type: ATTRIBUTES.float }
}

function initializer({ name, shape, data }: Initializer) {
  const raw_data = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return { name, dims: shape, data_type: data instanceof Float32Array ? TYPES.float : TYPES.int64, raw_data }
}

/** An input or output: a dimension by name is open, as the batch is. */
function port({ name, shape }: Graph['inputs'][number]) {
  const dim = shape.map(extent =>
    typeof extent === 'string' ? { dim_param: extent } : { dim_value: extent },
  )
  return { name, type: { tensor_type: { elem_type: TYPES.float, shape: { dim } } } }
}
