/**
 * What `lesionloop backend install` puts together: the addon of TensorFlow.js (its sources are N-API and use the plain
 * C API, which every later TensorFlow still has) and a current libtensorflow out of a wheel of the Python package
 * index. Both are pinned by hash, so that what the index or a mirror hands out is what was tried.
 */

export const ADDON_BACKENDS = ['gpu', 'native'] as const
export type AddonBackend = (typeof ADDON_BACKENDS)[number]

/** The release of TensorFlow.js whose addon and core belong together. */
export const TFJS_VERSION = '4.22.0'

/** 2.18 is the last whose wheel runs on glibc 2.17 (2.21 wants 2.27); 2.9 needs Python's own library and loads not. */
export const TENSORFLOW_VERSION = '2.18.1'

export interface BackendLibrary {
  /** The npm package of the addon. */
  addon: string
  /** SHA-512 of its tarball, in npm's own form. */
  addonIntegrity: string
  /** The wheel that carries libtensorflow. */
  wheel: WheelName
  /** The wheel's extra that names the CUDA packages. */
  extra?: string
  /** Room on the disk at the height of the installation: what is unpacked, and the largest wheel beside it. */
  roomBytes: number
}

export interface WheelName {
  project: string
  version: string
  /** Of the file this version's installation is pinned to; null takes the index's word for it. */
  sha256: string | null
  /** The Python tag among otherwise equal wheels: their libtensorflow is the same, the file with this hash is one. */
  tag?: string
}

export const LIBRARIES: Record<AddonBackend, BackendLibrary> = {
  native: {
    addon: '@tensorflow/tfjs-node',
    addonIntegrity:
      'sha512-uHrXeUlfgkMxTZqHkESSV7zSdKdV0LlsBeblqkuKU9nnfxB1pC6DtoyYVaLxznzZy7WQSegjcohxxCjAf6Dc7w==',
    wheel: {
      project: 'tensorflow-cpu',
      version: TENSORFLOW_VERSION,
      sha256: '810c75d7149d2da0cb2092187817b0dcabb80728ca9f9cf3a61f3f42fadd1298',
      tag: 'cp311',
    },
    roomBytes: 1.0e9,
  },
  gpu: {
    addon: '@tensorflow/tfjs-node-gpu',
    addonIntegrity:
      'sha512-p//NN6DGiN4hInUmIkRffaFVMcdTREUMjPyjW04J7OXvB2zBlQimj61eFKSgRrH3f5TnOfKzb0n56he/B6a4bw==',
    wheel: {
      project: 'tensorflow',
      version: TENSORFLOW_VERSION,
      sha256: 'c9f87e5d2a680a4595f5dc30daf6bbaec9d4129b46d7ef1b2af63c46ac7d2828',
      tag: 'cp311',
    },
    extra: 'and-cuda',
    roomBytes: 5.5e9,
  },
}
