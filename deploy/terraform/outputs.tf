output "functions" {
  description = "By the function's name: what `aws_lambda_function` takes."
  value = {
    for name in local.names : name => {
      filename         = local.result["${name}.filename"]
      source_code_hash = local.result["${name}.source_code_hash"]
      handler          = local.result["${name}.handler"]
      runtime          = local.result["${name}.runtime"]
      architecture     = local.result["${name}.architecture"]
    }
  }
}
