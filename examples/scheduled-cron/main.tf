# What deploys the artifacts here is Terraform: slspack only has to be run before it.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 6.0" }
  }
}

locals {
  jobs = {
    payday    = { handler = "payroll.payday.handler", schedule = "cron(0 6 * * ? *)" }
    retention = { handler = "payroll.retention.handler", schedule = "cron(0 3 1 * ? *)" }
  }
}

resource "aws_iam_role" "jobs" {
  name = "payroll-jobs"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy_attachment" "logs" {
  role       = aws_iam_role.jobs.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

resource "aws_lambda_function" "job" {
  for_each = local.jobs

  function_name    = "payroll-${each.key}"
  role             = aws_iam_role.jobs.arn
  handler          = each.value.handler
  runtime          = "python3.13"
  architectures    = ["arm64"]
  filename         = "${path.module}/.slspack/dist/${each.key}.zip"
  source_code_hash = filebase64sha256("${path.module}/.slspack/dist/${each.key}.zip")
  timeout          = 30
}

resource "aws_cloudwatch_event_rule" "job" {
  for_each = local.jobs

  name                = "payroll-${each.key}"
  schedule_expression = each.value.schedule
}

resource "aws_cloudwatch_event_target" "job" {
  for_each = local.jobs

  rule = aws_cloudwatch_event_rule.job[each.key].name
  arn  = aws_lambda_function.job[each.key].arn
}

resource "aws_lambda_permission" "job" {
  for_each = local.jobs

  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.job[each.key].function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.job[each.key].arn
}
