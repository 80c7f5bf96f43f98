/** The measured tables of docs/scale.md, as Markdown. */
const MB = bytes => (bytes / 2 ** 20).toFixed(bytes < 2 ** 24 ? 1 : 0)
const s = value => value.toFixed(value < 10 ? 1 : 0)
const trio = ({ p50, p95, p99 }) => `${p50} / ${p95} / ${p99}`

function table(head, rows) {
  const line = cells => `| ${cells.join(' | ')} |`
  console.log(
    [line(head), line(head.map((_, at) => (at === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n'),
  )
  console.log()
}

export function printTables(report) {
  const { machine, database, folder, mining, plain } = report
  const settings = Object.entries(report.settings).map(([name, value]) => `${name} ${value}`)
  console.log(
    `${report.cases} cases, seed ${report.seed}. ${machine.cores} cores (${machine.model}), ${machine.memoryGB} GB, load ${machine.load} at the start; Node ${machine.node}, PostgreSQL ${report.postgres} (fsync on, ${settings.join(', ')}); took ${report.took} s.`,
  )
  console.log(
    `Plain baseline of the same machine, p50 / p95 / p99 in ms: one insert with its commit ${trio(plain.insert)}; one append with fsync ${trio(plain.append)}.\n`,
  )
  costs(report.cases, database, folder)
  pages(database, folder)
  table(
    [
      'saves',
      'a second',
      'p50 ms',
      'p99 ms',
      'plain inserts a second, one after the other',
      'saves / plain',
      'errors',
    ],
    database.saves.map(each => {
      const inserts = 1000 / each.plain.insert.p50
      return [
        `${each.servers} ${each.servers === 1 ? 'server' : 'servers'}, ${each.writers} writers`,
        Math.round(each.perSecond),
        each.p50,
        each.p99,
        Math.round(inserts),
        (each.perSecond / inserts).toFixed(2),
        each.errors.length,
      ]
    }),
  )
  const { sql, inStore, byRoute } = database.leases
  const lease = (name, found) => [name, found.n, found.p50, found.p95, found.p99, found.doubled ?? '']
  table(
    ['lease of the next case', 'n', 'p50 ms', 'p95 ms', 'p99 ms', 'given twice'],
    [
      lease('in SQL, one connection', sql),
      lease(`in the store, ${inStore.people} at once`, inStore),
      lease('by the route, one person', byRoute.alone),
      lease(`by the route of 2 servers, ${byRoute.together.people} at once`, byRoute.together),
      ...(folder?.leases
        ? [
            lease('in a folder, by the route, one person', folder.leases.alone),
            lease(
              `in a folder, by the route, ${folder.leases.together.people} at once`,
              folder.leases.together,
            ),
          ]
        : []),
    ],
  )
  console.log(['```', ...sql.plan, '```', ''].join('\n'))
  if (mining)
    table(
      ['mining', 'documents', 'seconds', 'documents a second'],
      mining.map(each => [
        `${each.workers} ${each.workers === 1 ? 'worker' : 'workers'}`,
        each.documents,
        s(each.seconds),
        each.perSecond.toFixed(2),
      ]),
    )
  if (report.scoring)
    table(
      ['pictures scored on frozen features', 'pictures', 'seconds', 'pictures a second'],
      report.scoring.map(each => [
        `${each.workers} ${each.workers === 1 ? 'worker' : 'workers'}, ${each.backend}`,
        each.pictures,
        s(each.seconds),
        each.perSecond.toFixed(1),
      ]),
    )
}

function costs(cases, database, folder) {
  const { sizes } = database
  const sum = some => some.reduce((all, { bytes }) => all + bytes, 0)
  const tables = sizes.filter(each => !each.is_index)
  const indexes = sizes.filter(each => each.is_index)
  const of = name => MB(sizes.find(each => each.name === name)?.bytes ?? 0)
  const is = folder?.start
  const rows = [
    ['put a document of 20 cases, p50 / p95 / p99 ms', trio(database.puts), ''],
    ['rows of all cases, copied, s', s(database.load.rows), is ? `${s(folder.write)} (written)` : ''],
    ['indexes made anew, s', s(database.load.indexes), ''],
    ['a cycle’s queue of all cases taken in, s', s(database.takeIn), ''],
    ['tables, MB', MB(sum(tables)), is ? `${MB(folder.bytes)} (cases.jsonl)` : ''],
    ['of it cases; queue', `${of('cases')}; ${of('queue')}`, ''],
    ['indexes, MB', MB(sum(indexes)), ''],
    ['the largest index, words by trigrams', of('cases_search'), ''],
    ['server listens after, s', s(database.start.listening), is ? s(is.listening) : ''],
    ['server is ready after, s', s(database.start.ready), is ? s(is.ready) : ''],
    ['memory of the server then, MB', database.start.memory, is ? is.memory : ''],
    [
      'after all pages below; at most',
      ...[database.start, is].map(each => (each ? `${each.after.memory}; ${each.after.highest}` : '')),
    ],
    ['memory of PostgreSQL, MB', database.start.postgres, ''],
  ]
  table(
    [`${cases} cases`, 'PostgreSQL', folder?.stopped ? `folder: stopped: ${folder.stopped}` : 'folder'],
    rows,
  )
}

function pages(database, folder) {
  const cell = found => (found ? `${found.first} / ${found.again}` : '')
  table(
    ['page, first / again, ms', 'PostgreSQL', 'folder'],
    Object.entries(database.start.pages).map(([name, found]) => [
      name,
      cell(found),
      cell(folder?.start?.pages[name]),
    ]),
  )
}
