# Builds a service with slspack when Terraform plans, and says where each function's zip is.

terraform {
  required_version = ">= 1.3"

  required_providers {
    external = {
      source  = "hashicorp/external"
      version = ">= 2.2"
    }
  }
}

data "external" "build" {
  program = concat(var.command, ["hook", "terraform"])

  query = {
    folder = var.folder
    config = var.config
    stage  = var.stage
    params = jsonencode(var.params)
  }
}

locals {
  result = data.external.build.result
  names  = compact(split(",", local.result["functions"]))
}
