/** The value of an order, by its number. */
export function order(number: number): string {
  return JSON.stringify({ order: number, customer: `customer-${number % 997}`, city: '杭州', amount: (number % 10_000) / 100 });
}
