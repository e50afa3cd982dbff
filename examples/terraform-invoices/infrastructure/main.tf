terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

module "service" {
  source = "../../../deploy/terraform"
  folder = "${path.module}/.."
}

data "aws_iam_policy_document" "lambda" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "lambda" {
  name               = "invoices"
  assume_role_policy = data.aws_iam_policy_document.lambda.json
}

resource "aws_lambda_function" "invoices" {
  for_each = module.service.functions

  function_name    = "invoices-${each.key}"
  role             = aws_iam_role.lambda.arn
  filename         = each.value.filename
  source_code_hash = each.value.source_code_hash
  handler          = each.value.handler
  runtime          = each.value.runtime
  architectures    = [each.value.architecture]
}
