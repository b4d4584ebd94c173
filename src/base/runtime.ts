/** Imported first by every entry: an older Node is told what to do instead of failing on a missing part. */
const least = 24
const major = Number(process.versions.node.split('.')[0])

if (major < least) {
  process.stderr.write(
    `公开需要 Node ${least} 以上，现在是 ${process.versions.node}。请用 npm start 启动，它自带合适的 Node。\n`,
  )
  process.exit(1)
}

/** The version of Node that runs. */
export const nodeVersion = process.versions.node
