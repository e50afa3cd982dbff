variable "folder" {
  description = "The service's folder, relative to where Terraform runs."
  type        = string
}

variable "config" {
  description = "The configuration file, relative to the service, if it is not one of the known names."
  type        = string
  default     = ""
}

variable "stage" {
  description = "The stage."
  type        = string
  default     = ""
}

variable "params" {
  description = "Values of parameters in the configuration."
  type        = map(string)
  default     = {}
}

variable "command" {
  description = "How slspack is called, for example [\"uvx\", \"slspack\"]."
  type        = list(string)
  default     = ["slspack"]
}
