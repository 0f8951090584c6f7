"""ncpconsole: find the hung Windows server on NAVER Cloud, interrupt exactly that one, exactly once."""

__version__ = "0.1.0"
