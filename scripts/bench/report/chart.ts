/** Bars that lie below each other, each as long as its value. */
export interface Panel {
  readonly title: string;
  readonly bars: readonly Bar[];
}

interface Bar {
  readonly label: string;
  /** Said beside the label, in small letters. */
  readonly note?: string;
  readonly value: number;
  /** The part of the value that is the function's, where it is told apart. */
  readonly part?: number;
  /** Whether it is this project's. */
  readonly isOurs: boolean;
}

const width = 760;
const margin = 24;
const panelHead = 40;
const rowHeight = 44;
const barHeight = 14;
/** Room for the value behind the longest bar. */
const valueRoom = 60;
const barWidth = width - 2 * margin - valueRoom;

/** Colours by their role, for light and dark; contrasts of text are at least 4.5 to 1. */
const style = `
  text { font-family: system-ui, sans-serif; font-size: 13px; fill: #1f2328; }
  .title { font-size: 15px; font-weight: 600; }
  .note { font-size: 11px; fill: #59636e; }
  .back { fill: #ffffff; }
  .ours { fill: #0969da; }
  .rest { fill: #80b5f0; }
  .other { fill: #8c959f; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .note { fill: #9198a1; }
    .back { fill: #0d1117; }
    .ours { fill: #4493f8; }
    .rest { fill: #1f4a85; }
    .other { fill: #656c76; }
  }
`;

/** An SVG of the panels, light or dark as the reader's system is; values of one panel share a scale. */
export function drawChart(title: string, panels: readonly Panel[]): string {
  let top = margin;
  const parts = panels.map((panel) => {
    const drawn = drawPanel(panel, top);
    top += panelHead + panel.bars.length * rowHeight;
    return drawn;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${top}" viewBox="0 0 ${width} ${top}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<style>${style}</style>`,
    `<rect class="back" width="${width}" height="${top}" rx="6"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function drawPanel({ bars, title }: Panel, top: number): string {
  const most = Math.max(...bars.map(({ value }) => value));
  const rows = bars.map((bar, index) => drawBar(bar, top + panelHead + index * rowHeight, barWidth / most));
  return [`<text class="title" x="${margin}" y="${top + 12}">${escapeXml(title)}</text>`, ...rows].join('\n');
}

/** `scale`: pixels a unit. */
function drawBar({ isOurs, label, note, part, value }: Bar, top: number, scale: number): string {
  const bar = (className: string, length: number) =>
    `<rect class="${className}" x="${margin}" y="${top + 8}" width="${(length * scale).toFixed(1)}" height="${barHeight}" rx="2"/>`;
  const small = note === undefined ? '' : `<tspan class="note" dx="8">${escapeXml(note)}</tspan>`;
  return [
    `<text x="${margin}" y="${top}">${escapeXml(label)}${small}</text>`,
    bar(isOurs ? (part === undefined ? 'ours' : 'rest') : 'other', value),
    ...(part === undefined ? [] : [bar('ours', part)]),
    `<text x="${(margin + value * scale + 8).toFixed(1)}" y="${top + 20}">${value.toFixed(1)}</text>`,
  ].join('\n');
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
