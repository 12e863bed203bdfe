"""The compiler: specs/ in, generated/ out. Stages are pure functions: load, validate, resolve, totality, plan, emit, format."""
