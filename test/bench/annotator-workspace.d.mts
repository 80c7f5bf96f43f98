export function makeWorkspace(
  dir: string,
  of: { cases: number; seed: number; pictures?: boolean; negatives?: number },
): Promise<string[]>
