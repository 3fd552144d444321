"""KPI definition + facts → measurements, as one Ibis expression for any number of business days."""
