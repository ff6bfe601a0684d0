/** Of Function Compute: 2.0 with services, 3.0 without. */
export type Generation = '2.0' | '3.0';
