/** Cases chosen together where nothing else is said. */
export const DEFAULT_BATCH = 50
