'use strict';
var __awaiter =
  (this && this.__awaiter) ||
  function (thisArg, _arguments, P, generator) {
    function adopt(value) {
      return value instanceof P
        ? value
        : new P(function (resolve) {
            resolve(value);
          });
    }
    return new (P || (P = Promise))(function (resolve, reject) {
      function fulfilled(value) {
        try {
          step(generator.next(value));
        } catch (e) {
          reject(e);
        }
      }
      function rejected(value) {
        try {
          step(generator['throw'](value));
        } catch (e) {
          reject(e);
        }
      }
      function step(result) {
        result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected);
      }
      step((generator = generator.apply(thisArg, _arguments || [])).next());
    });
  };
var __generator =
  (this && this.__generator) ||
  function (thisArg, body) {
    var _ = {
        label: 0,
        sent: function () {
          if (t[0] & 1) throw t[1];
          return t[1];
        },
        trys: [],
        ops: [],
      },
      f,
      y,
      t,
      g = Object.create((typeof Iterator === 'function' ? Iterator : Object).prototype);
    return (
      (g.next = verb(0)),
      (g['throw'] = verb(1)),
      (g['return'] = verb(2)),
      typeof Symbol === 'function' &&
        (g[Symbol.iterator] = function () {
          return this;
        }),
      g
    );
    function verb(n) {
      return function (v) {
        return step([n, v]);
      };
    }
    function step(op) {
      if (f) throw new TypeError('Generator is already executing.');
      while ((g && ((g = 0), op[0] && (_ = 0)), _))
        try {
          if (
            ((f = 1),
            y &&
              (t =
                op[0] & 2
                  ? y['return']
                  : op[0]
                    ? y['throw'] || ((t = y['return']) && t.call(y), 0)
                    : y.next) &&
              !(t = t.call(y, op[1])).done)
          )
            return t;
          if (((y = 0), t)) op = [op[0] & 2, t.value];
          switch (op[0]) {
            case 0:
            case 1:
              t = op;
              break;
            case 4:
              _.label++;
              return { value: op[1], done: false };
            case 5:
              _.label++;
              y = op[1];
              op = [0];
              continue;
            case 7:
              op = _.ops.pop();
              _.trys.pop();
              continue;
            default:
              if (!((t = _.trys), (t = t.length > 0 && t[t.length - 1])) && (op[0] === 6 || op[0] === 2)) {
                _ = 0;
                continue;
              }
              if (op[0] === 3 && (!t || (op[1] > t[0] && op[1] < t[3]))) {
                _.label = op[1];
                break;
              }
              if (op[0] === 6 && _.label < t[1]) {
                _.label = t[1];
                t = op;
                break;
              }
              if (t && _.label < t[2]) {
                _.label = t[2];
                _.ops.push(op);
                break;
              }
              if (t[2]) _.ops.pop();
              _.trys.pop();
              continue;
          }
          op = body.call(thisArg, _);
        } catch (e) {
          op = [6, e];
          y = 0;
        } finally {
          f = t = 0;
        }
      if (op[0] & 5) throw op[1];
      return { value: op[0] ? op[1] : void 0, done: true };
    }
  };
var __spreadArray =
  (this && this.__spreadArray) ||
  function (to, from, pack) {
    if (pack || arguments.length === 2)
      for (var i = 0, l = from.length, ar; i < l; i++) {
        if (ar || !(i in from)) {
          if (!ar) ar = Array.prototype.slice.call(from, 0, i);
          ar[i] = from[i];
        }
      }
    return to.concat(ar || Array.prototype.slice.call(from));
  };
Object.defineProperty(exports, '__esModule', { value: true });
exports.prepareSchema = prepareSchema;
var errors_ts_1 = require('../../domain/errors.ts');
var dataset_ddl_ts_1 = require('./datasets/dataset-ddl.ts');
var schema_facts_ts_1 = require('./schema-facts.ts');
var log_rows_ts_1 = require('./rows/log-rows.ts');
var families_ts_1 = require('./orm/families.ts');
/** Makes the database ready for this program and this office, or refuses before anything is changed. */
function prepareSchema(sql, orm, owner, tables) {
  return __awaiter(this, void 0, void 0, function () {
    var isNew, collation, _i, tables_1, table;
    return __generator(this, function (_a) {
      switch (_a.label) {
        case 0:
          return [4 /*yield*/, refuseNewer(sql)];
        case 1:
          _a.sent();
          return [4 /*yield*/, hasOwner(sql, owner)];
        case 2:
          isNew = !_a.sent();
          return [4 /*yield*/, orm.orm.migrator.up()];
        case 3:
          _a.sent();
          return [4 /*yield*/, (0, schema_facts_ts_1.textCollation)(sql)];
        case 4:
          collation = _a.sent();
          ((_i = 0), (tables_1 = tables));
          _a.label = 5;
        case 5:
          if (!(_i < tables_1.length)) return [3 /*break*/, 8];
          table = tables_1[_i];
          return [4 /*yield*/, prepareTable(sql, table, collation)];
        case 6:
          _a.sent();
          _a.label = 7;
        case 7:
          _i++;
          return [3 /*break*/, 5];
        case 8:
          if (!isNew) return [3 /*break*/, 10];
          return [
            4 /*yield*/,
            (0, log_rows_ts_1.insertLog)(sql, (0, log_rows_ts_1.newLog)(owner.office, owner.role)),
          ];
        case 9:
          _a.sent();
          _a.label = 10;
        case 10:
          return [2 /*return*/];
      }
    });
  });
}
/** A program that does not know all that was done to the tables would damage them. */
function refuseNewer(sql) {
  return __awaiter(this, void 0, void 0, function () {
    var known, _a, applied, newer;
    return __generator(this, function (_b) {
      switch (_b.label) {
        case 0:
          return [4 /*yield*/, (0, schema_facts_ts_1.tableColumns)(sql, 'migration')];
        case 1:
          if (_b.sent().length === 0) return [2 /*return*/];
          _a = Set.bind;
          return [4 /*yield*/, (0, families_ts_1.migrationsOf)(sql.family)];
        case 2:
          known = new (_a.apply(Set, [
            void 0,
            _b.sent().map(function (_a) {
              var name = _a.name;
              return name;
            }),
          ]))();
          return [4 /*yield*/, sql.all('select name from migration order by id')];
        case 3:
          applied = _b.sent().map(function (row) {
            return String(row['name']);
          });
          newer = applied.filter(function (name) {
            return !known.has(name);
          });
          if (newer.length === 0) return [2 /*return*/];
          throw new errors_ts_1.DomainError(
            'database-too-new',
            'The database was changed by a newer program ('.concat(
              newer.join(', '),
              '). Start that program, or restore a backup.',
            ),
            { setting: 'DATABASE_URL', expected: __spreadArray([], known, true), actual: applied },
          );
      }
    });
  });
}
function hasOwner(sql, owner) {
  return __awaiter(this, void 0, void 0, function () {
    var row;
    return __generator(this, function (_a) {
      switch (_a.label) {
        case 0:
          return [4 /*yield*/, (0, schema_facts_ts_1.tableColumns)(sql, 'log')];
        case 1:
          if (_a.sent().length === 0) return [2 /*return*/, false];
          return [4 /*yield*/, sql.all('select office, role from log')];
        case 2:
          row = _a.sent()[0];
          if (row === undefined) return [2 /*return*/, false];
          if (row['office'] === owner.office && row['role'] === owner.role) return [2 /*return*/, true];
          throw new errors_ts_1.DomainError(
            'database-of-another-office',
            'DATABASE_URL names the database of '
              .concat(String(row['role']), ' office "')
              .concat(String(row['office']), '", but OFFICE_ID is ') +
              '"'
                .concat(owner.office, '" and OFFICE_ROLE is "')
                .concat(owner.role, '". Correct one of these settings.'),
            {
              settings: ['DATABASE_URL', 'OFFICE_ID', 'OFFICE_ROLE'],
              expected: { office: owner.office, role: owner.role },
              actual: { office: row['office'], role: row['role'] },
            },
          );
      }
    });
  });
}
/** A declaration may have gained fields since the table was made. Nothing is ever taken away here. */
function prepareTable(sql, dataset, collation) {
  return __awaiter(this, void 0, void 0, function () {
    var existing, missing, _i, missing_1, field, _a, _b, statement;
    return __generator(this, function (_c) {
      switch (_c.label) {
        case 0:
          return [4 /*yield*/, (0, schema_facts_ts_1.tableColumns)(sql, dataset.table.name)];
        case 1:
          existing = _c.sent();
          if (!(existing.length === 0)) return [3 /*break*/, 3];
          return [4 /*yield*/, sql.script((0, dataset_ddl_ts_1.createTable)(dataset, sql.family, collation))];
        case 2:
          _c.sent();
          _c.label = 3;
        case 3:
          missing = dataset.fields.filter(function (_a) {
            var name = _a.name;
            return existing.length > 0 && !existing.includes(name);
          });
          ((_i = 0), (missing_1 = missing));
          _c.label = 4;
        case 4:
          if (!(_i < missing_1.length)) return [3 /*break*/, 7];
          field = missing_1[_i];
          return [
            4 /*yield*/,
            sql.script((0, dataset_ddl_ts_1.addColumn)(dataset.table.name, field, sql.family)),
          ];
        case 5:
          _c.sent();
          _c.label = 6;
        case 6:
          _i++;
          return [3 /*break*/, 4];
        case 7:
          if (sql.family !== 'sqlite') return [2 /*return*/];
          ((_a = 0), (_b = (0, dataset_ddl_ts_1.createView)(dataset)));
          _c.label = 8;
        case 8:
          if (!(_a < _b.length)) return [3 /*break*/, 11];
          statement = _b[_a];
          return [4 /*yield*/, sql.script(statement)];
        case 9:
          _c.sent();
          _c.label = 10;
        case 10:
          _a++;
          return [3 /*break*/, 8];
        case 11:
          return [2 /*return*/];
      }
    });
  });
}
