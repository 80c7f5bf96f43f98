import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, promises as fs } from 'node:fs'
import type { Readable } from 'node:stream'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { LesionloopError } from '../../errors.ts'
import { damaged } from '../failures.ts'
import type { FilesAddress } from '../files-address.ts'
import { type ObjectInfo, ObjectRace, type ObjectStore } from '../object-store.ts'
import { inWords, statusOf, withRetries } from './s3-failures.ts'

/** Amazon's limit for one piece; nothing of a workspace comes near it. */
const LARGEST = 5 * 1024 ** 3
const SHA256 = 'sha256'
/** Files up to this are sent from memory. */
const SMALL = 8 * 1024 ** 2
const quiet = () => undefined
const QUIET = { trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet }

/** Objects of an S3-compatible storage. Each is put in one piece, with its SHA-256 in the request and beside it. */
export function s3Objects(address: Extract<FilesAddress, { kind: 's3' }>): ObjectStore {
  const { bucket: Bucket, prefix, endpoint, shown } = address
  const region =
    address.region ?? process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'] ?? 'us-east-1'
  const client = new S3Client({
    region,
    // Servers other than Amazon's seldom have a name for each bucket.
    ...(endpoint ? { endpoint, forcePathStyle: true } : {}),
    // Repeated here, with the whole file each time: a stream that broke can't be sent again.
    maxAttempts: 1,
    // What fails is told of in words of ours.
    logger: QUIET,
    requestHandler: { connectionTimeout: 5000, socketTimeout: 30_000 },
  })
  const ask = <T>(key: string, work: () => Promise<T>): Promise<T> =>
    withRetries(work).catch(error => {
      throw inWords(error, shown, key)
    })
  const infoOf = (
    key: string,
    found: {
      ETag?: string | undefined
      ContentLength?: number | undefined
      Metadata?: Record<string, string> | undefined
    },
  ): ObjectInfo => ({
    key,
    etag: found.ETag ?? '',
    bytes: found.ContentLength ?? 0,
    ...(found.Metadata?.[SHA256] ? { sha256: found.Metadata[SHA256] } : {}),
  })

  async function head(key: string): Promise<ObjectInfo | undefined> {
    return await ask(key, async () => {
      try {
        return infoOf(key, await client.send(new HeadObjectCommand({ Bucket, Key: prefix + key })))
      } catch (error) {
        // A HEAD has no body that could say whether the object or the bucket is missing.
        if (statusOf(error) !== 404) throw error
        await client.send(new ListObjectsV2Command({ Bucket, MaxKeys: 1 }))
        return undefined
      }
    })
  }

  return {
    shown,
    head,
    async put(key, path, { sha256, only }) {
      const bytes = (await fs.stat(path)).size
      if (bytes > LARGEST)
        throw new LesionloopError('files-too-large', `files: ${path}: ${bytes} bytes; a file may have 5 GB`)
      const condition =
        only === 'absent'
          ? { IfNoneMatch: '*' }
          : only
            ? { IfMatch: only.match }
            : ({} as Record<string, never>)
      try {
        const { ETag } = await ask(key, async () =>
          client.send(
            new PutObjectCommand({
              Bucket,
              Key: prefix + key,
              Body: bytes <= SMALL ? await fs.readFile(path) : createReadStream(path),
              ContentLength: bytes,
              ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64'),
              Metadata: { [SHA256]: sha256 },
              ...condition,
            }),
          ),
        )
        return { key, etag: ETag ?? '', bytes, sha256 }
      } catch (error) {
        if (!(error instanceof ObjectRace)) throw error
        // It may be our own, put by a try whose answer was lost.
        const there = await head(key)
        if (there?.sha256 === sha256 && only !== 'absent') return there
        throw error
      }
    },
    async get(key, path) {
      return await ask(key, async () => {
        try {
          const found = await client.send(new GetObjectCommand({ Bucket, Key: prefix + key }))
          const hash = createHash('sha256')
          let bytes = 0
          const counting = new Transform({
            transform(part: Buffer, _encoding, done) {
              hash.update(part)
              bytes += part.length
              done(null, part)
            },
          })
          await pipeline(found.Body as Readable, counting, createWriteStream(path))
          const info = infoOf(key, found)
          const sum = hash.digest('hex')
          if (bytes !== info.bytes || (info.sha256 !== undefined && sum !== info.sha256))
            throw damaged(shown, key)
          return info
        } catch (error) {
          await fs.rm(path, { force: true })
          if ((error as Error).name === 'NoSuchKey') return undefined
          throw error
        }
      })
    },
    async *list(start) {
      for (let next: string | undefined; ; ) {
        const page = await ask(start, () =>
          client.send(
            new ListObjectsV2Command({
              Bucket,
              Prefix: prefix + start,
              ...(next ? { ContinuationToken: next } : {}),
            }),
          ),
        )
        for (const { Key = '', ETag = '', Size = 0 } of page.Contents ?? [])
          yield { key: Key.slice(prefix.length), etag: ETag, bytes: Size }
        if (!page.IsTruncated) return
        next = page.NextContinuationToken
      }
    },
    async remove(key) {
      await ask(key, () => client.send(new DeleteObjectCommand({ Bucket, Key: prefix + key })))
    },
    close: () => client.destroy(),
  }
}
