"""A NAVER Cloud gateway on loopback: real HTTP, real signatures, a seeded fleet, and faults by name."""
