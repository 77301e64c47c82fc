// The health check of an office's container: whether it can do its work.
const port = process.env.PORT ?? '3000';
const ready = await fetch(`http://127.0.0.1:${port}/health/ready`).then(
  (answer) => answer.ok,
  () => false,
);
process.exitCode = ready ? 0 : 1;
