/** Consoles and shops that both sites have, with what stands for the Chinese one's host on the international one. */
const hosts: readonly (readonly [RegExp, string])[] = [
  [/\/\/api\.aliyun\.com/g, '//api.alibabacloud.com'],
  [/\/\/common-buy\.aliyun\.com/g, '//common-buy-intl.alibabacloud.com'],
  [/\/\/([\w-]+)\.console\.aliyun\.com/g, '//$1.console.alibabacloud.com'],
];
/** Regions of mainland China, which the Chinese site sells; Hong Kong is on both. */
const mainland = /^cn-(?!hongkong)/;

/** The text with links of the international site, where the properties name a region outside mainland China. */
export function siteLinks(text: string, props: unknown): string {
  const region = typeof props === 'object' && props !== null && 'region' in props ? props.region : undefined;
  if (typeof region !== 'string' || mainland.test(region)) return text;
  return hosts.reduce((rest, [host, international]) => rest.replace(host, international), text);
}
