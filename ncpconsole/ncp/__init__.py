"""The NAVER Cloud Platform API: signed requests, typed answers, honest errors. No rule, no screen."""
