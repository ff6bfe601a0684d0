/** What was asked for beyond the properties. */
export interface Intent {
  /** The group of a console connector is taken over. */
  readonly adopts: boolean;
  /** A connector that does not run is started. */
  readonly resumes: boolean;
}
