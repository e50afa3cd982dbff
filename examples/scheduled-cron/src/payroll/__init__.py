"""Jobs that EventBridge runs for the payroll."""
