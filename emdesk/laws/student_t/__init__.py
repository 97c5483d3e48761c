"""The Student t law; see `law` for its help page."""

from emdesk.laws.student_t.law import StudentT

LAW = StudentT()
