/** Why something could not be measured, in words for the report. */
export class NotMeasured extends Error {
  override readonly name = 'NotMeasured';
}
