"""The NAVER Cloud Platform API: signed requests, typed answers, errors. Without rules and screens."""
