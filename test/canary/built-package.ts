/** The files that are uploaded: code, what it is made of, and no source map. */
export const packageFiles = ['THIRD-PARTY-NOTICES.txt', 'bom.json', 'index.js', 'kafka.js', 'package.json', 'recovery.js'];
