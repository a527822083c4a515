// A coverage reporter for istanbul-reports, which loads reporters with `require`: names the files of which less is covered
// than is asked of all together, the least covered first.
module.exports = class CoverageBelow {
  constructor({ leastPercent }) {
    this.leastPercent = leastPercent;
  }

  execute(context) {
    const below = [];
    const onDetail = (node) => {
      const { lines, branches } = node.getCoverageSummary();
      const percent = Math.min(lines.pct, branches.pct);
      if (percent < this.leastPercent)
        below.push({ file: node.getQualifiedName(), lines, branches, percent });
    };
    context.getTree('flat').visit({ onDetail }, context);
    if (below.length === 0) return;
    const writer = context.writer.writeFile(null);
    writer.println(`Files below ${this.leastPercent} %:`);
    for (const { file, lines, branches } of below.sort((a, b) => a.percent - b.percent)) {
      writer.println(`  ${file}: lines ${ofAll(lines)}, branches ${ofAll(branches)}`);
    }
    writer.close();
  }
};

function ofAll({ covered, total, pct }) {
  return `${covered} of ${total} (${pct} %)`;
}
