"""Phase 3 in parts: the pages of links divided over workers, which have no keys and give back plain values.

`forms` is what coordinator and workers tell each other, `worker` the work on one part, `coordinator` the run's side.
`crew` is the seam between them: any `concurrent.futures.Executor`.
"""
