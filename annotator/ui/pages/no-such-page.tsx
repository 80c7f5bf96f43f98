import { A } from '@solidjs/router'
import type { JSX } from 'solid-js'

export default function NoSuchPage(): JSX.Element {
  return (
    <section class="sorry">
      <h1>There is no such page</h1>
      <p>
        Go on with the <A href="/">review</A>.
      </p>
    </section>
  )
}
