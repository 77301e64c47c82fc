interface Typed {
  readonly value: number;
}

it('runs TypeScript through node type stripping, as the program does', () => {
  const typed = { value: 24 } as const satisfies Typed;
  expect(typed.value).toBe(24);
});
