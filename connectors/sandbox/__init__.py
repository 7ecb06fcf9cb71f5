"""The sandbox: servers on this machine that answer as vendors do, with state, jobs, limits and faults. Never in production.

It holds vendors' behaviour only; how Jalki calls a vendor is elsewhere in `connectors`, and neither imports the other.

A vendor is one file, or a folder where one is too small. It knows no HTTP server: it is an object with the shape of
`vendor.Vendor`, whose operations are plain functions from a `Call` to an `Answer`. The framework does the rest, the same
way for all: it routes, bounds bodies, counts calls, asks for credentials, keeps limits, makes faults, and serves each
vendor on a port of its own.

To add one:

1. Write `connectors/sandbox/<vendor>.py` with a class that takes `(clock, *, …)` and has what `Vendor` asks for. All that
   it holds is in `self.state`, made of plain values (it is copied for a lie). What takes time is a `Job` in a `Jobs` in
   the state, carried out by `settle`: `for job in jobs.due(now)`, then `jobs.end(job, …)`, or `jobs.start(…, id=job.id)`
   for its next stage. Let an operation that can answer in part, or with an error inside a 200, name those kinds in `takes`
   and look at `call.fault`. One that needs no credentials, such as that which gives out tokens, is `open`. Bound what is
   held.
2. Add a line to `vendors.VENDORS`. Its `credentials` are then written by `jalki sandbox`.
3. Test it in `tests/sandbox/` with the vendor's SDK, and by its specification with `tests/vendors/`: `fuzzing.fuzz`,
   `contracts.valid_answer`, `prism.proxied`; `specifications.Correction` says what a specification says wrongly.

A call passes, in this order: route, count, fault that comes before, body, `admits`, limits, `settle`, operation, fault that
comes after. A call with a lie is put back, unless its operation takes lies itself.
"""
