/** A thumb, up or down, in the colour of the text around it: fonts with such a sign are not everywhere. */

const SVG = 'http://www.w3.org/2000/svg';
/** On a grid of 16: the cuff, then the hand with its thumb up. */
const UP =
  'M2 7h2v6H2zM5.5 13V7.2L8.2 2.4c.2-.4.6-.6 1-.5.8.1 1.2.8 1 1.6L9.6 6H13c.8 0 1.3.7 1.1 1.5l-1.2 4.6c-.1.5-.6.9-1.1.9z';

export function thumbIcon(value: 1 | -1): SVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', UP);
  if (value < 0) path.setAttribute('transform', 'rotate(180 8 8)');
  svg.append(path);
  return svg;
}
